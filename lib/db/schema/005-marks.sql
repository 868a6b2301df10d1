-- 005-marks.sql - read marks that came sooner than they may become events.

-- [local] up to where a user has read, until their own log says so; the higher of both counts.
CREATE TABLE mark_waiting (
	user BLOB NOT NULL,			-- the participant's id
	album BLOB NOT NULL,			-- the album's id
	seq INTEGER NOT NULL,			-- of its log
	PRIMARY KEY (user, album)
) WITHOUT ROWID;

-- 006-uploads.sql - uploads that are under way, and what became of them.
--
-- All tables are [local].  Times are ms since 1970-01-01 UTC.

-- [local] one row for each upload.  Its bytes are in uploads/ until they are a photo; how many there are is
-- the length of that file, so that no row changes while they arrive.
CREATE TABLE upload (
	id BLOB PRIMARY KEY,			-- UUIDv7, the last part of its URL
	user BLOB NOT NULL,			-- who made it, and alone sees it
	album INTEGER NOT NULL,			-- album.key that the photo goes into
	length INTEGER,				-- bytes in all; NULL: the client has not said yet
	metadata TEXT NOT NULL,			-- Upload-Metadata as the client wrote it
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,		-- from then on it is not there
	photo BLOB				-- the photo that it became; NULL: it is under way
) WITHOUT ROWID;
CREATE INDEX upload_user ON upload(user);
CREATE INDEX upload_expires ON upload(expires);

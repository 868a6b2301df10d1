-- view version: 2
-- views.sql - [view] tables: the fold of the log, made anew by `fsck --rebuild`.
--
-- Never migrated: raise the version above and every store replays its log.  Rows hold keys and what
-- queries filter by; text stays in the event.

CREATE TABLE view_album (
	album INTEGER PRIMARY KEY,		-- album.key
	title TEXT NOT NULL,
	description TEXT,
	cover BLOB,				-- a photo
	archived INTEGER NOT NULL DEFAULT 0,
	deleted INTEGER NOT NULL DEFAULT 0,
	created INTEGER NOT NULL,		-- when
	creator BLOB NOT NULL
);

-- Totals are sums over other entities, so they have a row of their own: an album's refold keeps them.
CREATE TABLE view_total (
	album INTEGER PRIMARY KEY,
	photos INTEGER NOT NULL DEFAULT 0,	-- shown, aliases not counted
	messages INTEGER NOT NULL DEFAULT 0,	-- not taken back
	bytes INTEGER NOT NULL DEFAULT 0	-- of shown photos' first parts
);

CREATE TABLE view_participant (
	album INTEGER NOT NULL,
	id BLOB NOT NULL,
	kind TEXT NOT NULL,			-- user, guest, waiting, speaker
	name TEXT NOT NULL,
	role TEXT NOT NULL,			-- owner, admin, member, viewer, none
	claimed_by BLOB,			-- the user that proved to be this participant
	inviter BLOB,
	joined INTEGER NOT NULL,		-- seq, 0 while pending
	removed INTEGER,			-- seq at which access ended
	PRIMARY KEY (album, id)
) WITHOUT ROWID;
CREATE INDEX view_participant_id ON view_participant(id);

CREATE TABLE view_photo (
	key INTEGER PRIMARY KEY,		-- of the photo.add event
	album INTEGER NOT NULL,
	id BLOB NOT NULL,			-- SHA-256 of the first part
	state INTEGER NOT NULL DEFAULT 0,	-- 0 shown, 1 removed, 2 erased
	removed INTEGER,			-- when it was hidden
	alias BLOB,				-- joined into this photo
	author BLOB NOT NULL,
	kind TEXT NOT NULL,			-- image, raw, video
	mime TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	width INTEGER, height INTEGER,		-- upright
	wall INTEGER,				-- taken: local wall time, ms
	offset INTEGER,				-- minutes, NULL unknown
	sort INTEGER NOT NULL,			-- its place in the timeline: wall, else when it was added
	rotate INTEGER NOT NULL DEFAULT 0,	-- quarter turns asked for
	facts BLOB,				-- the facts object that holds now
	caption INTEGER,			-- key of the event with the caption's text
	added INTEGER NOT NULL			-- when
);
CREATE UNIQUE INDEX view_photo_id ON view_photo(id, album);
CREATE INDEX view_photo_sort ON view_photo(album, state, sort, id) WHERE alias IS NULL;
CREATE INDEX view_photo_author ON view_photo(author);	-- for quotas
CREATE INDEX view_photo_facts ON view_photo(facts) WHERE facts IS NOT NULL;
CREATE INDEX view_photo_alias ON view_photo(album, alias) WHERE alias IS NOT NULL;

CREATE TABLE view_part (
	album INTEGER NOT NULL,
	id BLOB NOT NULL,			-- SHA-256 of the part's bytes
	photo BLOB NOT NULL,			-- the photo it belongs to (before aliases)
	role TEXT NOT NULL,			-- original, edited, live, raw, jpeg, sidecar
	mime TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	width INTEGER, height INTEGER,
	facts BLOB,
	PRIMARY KEY (album, photo, id)
) WITHOUT ROWID;
CREATE INDEX view_part_facts ON view_part(facts) WHERE facts IS NOT NULL;
CREATE INDEX view_part_id ON view_part(id, album);

CREATE TABLE view_tag (
	album INTEGER NOT NULL,
	photo BLOB NOT NULL,
	tag TEXT NOT NULL,
	PRIMARY KEY (album, photo, tag)
) WITHOUT ROWID;
CREATE INDEX view_tag_tag ON view_tag(tag, album);

CREATE TABLE view_reaction (
	album INTEGER NOT NULL,
	about BLOB NOT NULL,			-- a photo or a message
	author BLOB NOT NULL,
	name TEXT NOT NULL,			-- 'like'
	"when" INTEGER NOT NULL,
	PRIMARY KEY (album, about, author, name)
) WITHOUT ROWID;

CREATE TABLE view_message (
	key INTEGER PRIMARY KEY,		-- of the message.send event
	album INTEGER NOT NULL,
	"when" INTEGER NOT NULL,		-- its place in the talk
	id BLOB NOT NULL,
	author BLOB NOT NULL,			-- who is shown: the author, or the speaker they lent a voice
	photo BLOB,
	reply_to BLOB,
	text INTEGER,				-- key of the event whose text is shown
	edited INTEGER,				-- when, NULL never
	deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX view_message_when ON view_message(album, "when", id);
CREATE INDEX view_message_photo ON view_message(album, photo, "when", id) WHERE photo IS NOT NULL;

CREATE TABLE view_link (
	album INTEGER NOT NULL,
	id BLOB NOT NULL,
	author BLOB NOT NULL,
	name TEXT,
	may TEXT NOT NULL,			-- JSON array: look, talk, upload, download
	expires INTEGER,
	max_uses INTEGER,
	revoked INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (album, id)
) WITHOUT ROWID;

-- A person's own settings, from the events of their self album: profile, read marks, devices.
CREATE TABLE view_self (
	album INTEGER NOT NULL,
	about BLOB NOT NULL,			-- the entity: an album, a device, the self album
	name TEXT NOT NULL,			-- 'read', 'profile', 'device', 'setting'
	seq INTEGER,				-- read marks: the highest counts
	event INTEGER NOT NULL,			-- key of the event that holds now
	PRIMARY KEY (album, about, name)
) WITHOUT ROWID;

-- Confirmed events of kinds that this version does not know: kept, and applied as nothing.
CREATE TABLE view_unknown (
	event INTEGER PRIMARY KEY
);

-- Full text over what people wrote.  Contentless: the text is read from the event by its key, by the
-- expression EVENT_WORDS of lib/event/event.h (a schema that is not trusted may not call JSON functions).
CREATE VIRTUAL TABLE fts_event USING fts5(text, content='', columnsize=0,
	tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE fts_fact USING fts5(words, content='fact', content_rowid='key',
	tokenize='unicode61 remove_diacritics 2', columnsize=0);

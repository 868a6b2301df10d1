-- 001-log.sql - the log, and the first tables that belong to this store alone.
--
-- Each table says its class: [log] synced truth, [local] this store's own.  View tables are in
-- views.sql.  Times are ms since 1970-01-01 UTC.  UUIDs are 16-byte blobs, hashes 32-byte blobs.
-- Once released this file never changes.

-- [local] facts about this file, one row each: store (uuid), owner (uuid), device (uuid), name,
-- phone, region, created, rev (rises with each commit), view_version.
CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;

-- [log] one row for each album; what its events say about it is in view_album.
CREATE TABLE album (
	key INTEGER PRIMARY KEY,		-- small number, the high bits of its events' keys
	id BLOB NOT NULL UNIQUE,		-- UUIDv7
	kind TEXT NOT NULL,			-- 'album' or 'self'
	home BLOB NOT NULL,			-- the store that numbers its events
	epoch INTEGER NOT NULL DEFAULT 1,	-- raised by restore and rehome
	head INTEGER NOT NULL DEFAULT 0,	-- seq of the newest confirmed event
	at INTEGER NOT NULL DEFAULT 0,		-- the home's time of that event, never decreasing
	chain BLOB NOT NULL,			-- chain value at head; 32 zero bytes at 0
	drafts INTEGER NOT NULL DEFAULT 0,	-- [local] places given to pending events so far
	indexed INTEGER NOT NULL DEFAULT 0,	-- [local] full text is indexed up to this seq
	slug TEXT UNIQUE,			-- [local] the NAME that people type
	rev INTEGER NOT NULL			-- [local] of its last change
);
CREATE INDEX album_rev ON album(rev);

-- [log] all events.  key = album.key << 40 | place, and the order of keys is the order of folding:
-- a confirmed event's place is its seq, a pending one's is 2^38 + n, a rejected one's 2^39 + n.
CREATE TABLE event (
	key INTEGER PRIMARY KEY,
	album INTEGER NOT NULL REFERENCES album(key),
	id BLOB NOT NULL,			-- UUIDv7 made by the author's store
	kind TEXT NOT NULL,			-- 'message.send'; unknown ones are kept
	about BLOB,				-- the entity it changes; NULL: itself (it makes the entity)
	author BLOB NOT NULL,			-- a participant
	device BLOB NOT NULL,
	time INTEGER NOT NULL,			-- the author's clock
	at INTEGER,				-- the home's clock; NULL until confirmed
	body TEXT,				-- canonical JSON; NULL once erased
	salt BLOB,				-- 16 random bytes; NULL once erased
	body_hash BLOB,				-- SHA-256(salt, body), kept only once erased
	chain BLOB,				-- chain value up to here; NULL until confirmed
	sig BLOB,				-- reserved
	rev INTEGER NOT NULL			-- [local] when this store learnt or changed it
);
CREATE UNIQUE INDEX event_id ON event(id, album);
CREATE INDEX event_about ON event(about, key) WHERE about IS NOT NULL;

-- [local] why the home refused an event of ours.
CREATE TABLE rejection (
	event INTEGER PRIMARY KEY,		-- its key, in the rejected range
	kind TEXT NOT NULL,			-- an error kind's name
	reason TEXT NOT NULL,
	at INTEGER NOT NULL
);

-- [local] secrets that came with a submission and are never relayed (an invited number, the hash of a
-- link's password).
CREATE TABLE secret (
	album INTEGER NOT NULL REFERENCES album(key),
	about BLOB NOT NULL,			-- the participant or link it belongs to
	name TEXT NOT NULL,			-- 'phone', 'email', 'password'
	value BLOB NOT NULL,
	PRIMARY KEY (album, about, name)
) WITHOUT ROWID;

-- [local] what facts objects say that is searched by: an index over immutable objects.
CREATE TABLE fact (
	key INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE,		-- of the facts object
	name TEXT,				-- the file's own name
	lat INTEGER, lon INTEGER,		-- degrees x 10^7
	words TEXT NOT NULL			-- name, camera, title, description: for full text
);
CREATE INDEX fact_place ON fact(lat, lon) WHERE lat IS NOT NULL;

-- [local] files that were ingested, so that a second ingest need not read them.
CREATE TABLE source (
	path BLOB NOT NULL,			-- absolute
	album INTEGER NOT NULL,
	device INTEGER NOT NULL, inode INTEGER NOT NULL,
	size INTEGER NOT NULL,
	mtime INTEGER NOT NULL,			-- ns
	hash BLOB NOT NULL,			-- of its bytes
	PRIMARY KEY (path, album)
) WITHOUT ROWID;
CREATE INDEX source_hash ON source(hash);

-- [local] what tells which files belong together (RAW and JPEG, picture and its motion, edited copies).
CREATE TABLE pairing (
	album INTEGER NOT NULL,
	stem TEXT NOT NULL,			-- file name without extension and marks of editing, lower case
	part BLOB NOT NULL,			-- hash of the file's bytes
	photo BLOB NOT NULL,			-- the photo that it is or belongs to
	kind TEXT NOT NULL,			-- image, raw, video
	edited INTEGER NOT NULL,
	folder INTEGER NOT NULL,		-- a hash of where it lay
	content TEXT,				-- Apple's content identifier
	wall INTEGER, offset INTEGER,		-- when it was taken
	PRIMARY KEY (album, stem, part)
) WITHOUT ROWID;
CREATE INDEX pairing_content ON pairing(album, content) WHERE content IS NOT NULL;
CREATE INDEX pairing_part ON pairing(part);

-- [local] derived images: which exist, or why not.  Rows follow cache/.
CREATE TABLE variant (
	object BLOB NOT NULL,			-- the bytes it was rendered from
	name TEXT NOT NULL,			-- 'thumb', 'preview'
	rotate INTEGER NOT NULL DEFAULT 0,	-- extra quarter turns
	state TEXT NOT NULL,			-- 'ready', 'failed', 'damaged' (made from truncated bytes)
	reason TEXT,				-- for failed and damaged
	mime TEXT, width INTEGER, height INTEGER, bytes INTEGER,
	PRIMARY KEY (object, name, rotate)
) WITHOUT ROWID;
CREATE INDEX variant_failed ON variant(state) WHERE state <> 'ready';

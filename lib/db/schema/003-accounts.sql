-- 003-accounts.sql - who may sign in to this store when it is served, and with what.
--
-- All tables are [local]: they never leave this store, and no event names their rows but by an account's
-- id, which is their participant id in albums.  What is secret is here as a hash only: passwords by
-- argon2id, tokens by SHA-256 (they are random), codes by HMAC with a key that is not in this file.
-- Times are ms since 1970-01-01 UTC.

-- [local] one row for each account; the owner of the store has one as soon as it is asked for.
CREATE TABLE account (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,		-- UUIDv7; the owner's is that of the store's owner
	name TEXT NOT NULL,			-- as shown
	phone TEXT UNIQUE,			-- E.164
	email TEXT UNIQUE,			-- lower case
	password TEXT,				-- argon2id, encoded with its salt; NULL: none was set
	role TEXT NOT NULL,			-- 'user', 'admin'
	disabled INTEGER NOT NULL DEFAULT 0,
	version INTEGER NOT NULL DEFAULT 1,	-- of tokens: raising it ends all that were given before
	quota INTEGER,				-- bytes; NULL: what the server gives to everybody
	self INTEGER NOT NULL,			-- album.key of their own log
	created INTEGER NOT NULL,
	rev INTEGER NOT NULL			-- of the last change
);

-- [local] one row for each device that is signed in.
CREATE TABLE session (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,		-- UUIDv7, the `sid` of its access tokens
	account INTEGER NOT NULL REFERENCES account(key),
	label TEXT NOT NULL,			-- what the client calls itself
	refresh BLOB NOT NULL UNIQUE,		-- SHA-256 of the refresh token's secret that counts
	created INTEGER NOT NULL,
	used INTEGER NOT NULL,			-- last refreshed
	refreshes INTEGER NOT NULL DEFAULT 0,	-- how often
	expires INTEGER NOT NULL
);
CREATE INDEX session_account ON session(account);
CREATE INDEX session_expires ON session(expires);

-- [local] keys for programs.
CREATE TABLE api_key (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,		-- UUIDv7
	account INTEGER NOT NULL REFERENCES account(key),
	name TEXT NOT NULL,
	hash BLOB NOT NULL UNIQUE,		-- SHA-256 of the key
	scopes INTEGER NOT NULL,		-- bits of enum scope in lib/http/http.h
	maker INTEGER REFERENCES api_key(key),	-- the key it was made with; NULL: a session or a command
	created INTEGER NOT NULL,
	expires INTEGER,			-- NULL: never
	used INTEGER				-- last used, exact to a minute; NULL: never
);
CREATE INDEX api_key_account ON api_key(account);
CREATE INDEX api_key_maker ON api_key(maker) WHERE maker IS NOT NULL;

-- [local] links by which somebody may register or join an album.
CREATE TABLE invite (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,		-- UUIDv7
	hash BLOB NOT NULL UNIQUE,		-- SHA-256 of what the link carries
	account INTEGER NOT NULL REFERENCES account(key),	-- who invites
	album BLOB,				-- an album to join; NULL: the server only
	role TEXT,				-- in the album
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	max_uses INTEGER NOT NULL,
	uses INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX invite_account ON invite(account);

-- [local] one-time codes that were sent.  The address is hashed too: it may be nobody's here.
CREATE TABLE code (
	purpose TEXT NOT NULL,			-- 'register', 'reset', 'login'
	address BLOB NOT NULL,			-- HMAC of number or e-mail address
	hash BLOB,				-- HMAC of purpose, address and code; NULL: used up
	tries INTEGER NOT NULL,			-- wrong ones so far
	sends INTEGER NOT NULL,			-- codes sent in a row
	sent INTEGER NOT NULL,			-- when the last was
	PRIMARY KEY (purpose, address)
) WITHOUT ROWID;
CREATE INDEX code_sent ON code(sent);

-- [local] who failed lately, by account and by network address (hashed).
CREATE TABLE throttle (
	subject BLOB PRIMARY KEY,		-- HMAC of what failed
	failures INTEGER NOT NULL,		-- in a row
	at INTEGER NOT NULL			-- the last one
) WITHOUT ROWID;
CREATE INDEX throttle_at ON throttle(at);

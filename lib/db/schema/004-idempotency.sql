-- 004-idempotency.sql - answers that are given again to who asks the same again.
--
-- [local] one row for each request that changed something and carried an Idempotency-Key, for 24 hours.
-- Requests whose answers hold secrets (tokens, API keys, invitations) are not kept.
CREATE TABLE idempotency (
	user BLOB NOT NULL,			-- who asked
	hash BLOB NOT NULL,			-- SHA-256 of the key
	request BLOB NOT NULL,			-- SHA-256 of method, address and body
	status INTEGER NOT NULL,
	headers TEXT NOT NULL,			-- "Name: value" lines
	type TEXT,				-- NULL: no body
	body BLOB NOT NULL,
	at INTEGER NOT NULL,			-- ms since 1970-01-01 UTC
	PRIMARY KEY (user, hash)
) WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency(at);

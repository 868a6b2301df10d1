-- 002-contacts.sql - the owner's address book.
--
-- All tables are [local]: they never leave this store and no event names their rows.  A number in
-- E.164, a normalized address and a uid each belong to one contact at most: that is how the same
-- person in two files is known.  Times are ms since 1970-01-01 UTC.

-- [local] one row for each person (or organisation).
CREATE TABLE contact (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,		-- UUIDv7, what people and programs name it by
	name TEXT NOT NULL,			-- as shown
	folded TEXT NOT NULL,			-- the same in lower case, single spaces: the order of lists
	named INTEGER NOT NULL,			-- 0: the name was made from a number, address or organisation
	org TEXT NOT NULL DEFAULT '',		-- organisation, '' unknown
	note TEXT NOT NULL DEFAULT '',
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL
);

-- [local] all names a contact goes by, the shown one included.
CREATE TABLE contact_name (
	contact INTEGER NOT NULL REFERENCES contact(key),
	folded TEXT NOT NULL,			-- lower case, single spaces: what is searched
	name TEXT NOT NULL,			-- as written
	PRIMARY KEY (contact, folded)
) WITHOUT ROWID;
CREATE INDEX contact_name_folded ON contact_name(folded);

-- [local] numbers, in the order they came.
CREATE TABLE contact_phone (
	key INTEGER PRIMARY KEY,
	contact INTEGER NOT NULL REFERENCES contact(key),
	raw TEXT NOT NULL,			-- as written, always kept
	e164 TEXT UNIQUE,			-- '+33612345678'; NULL where it is no valid number
	label TEXT NOT NULL DEFAULT ''		-- 'mobile', 'work fax', or the owner's own word
);
CREATE INDEX contact_phone_contact ON contact_phone(contact);
CREATE INDEX contact_phone_raw ON contact_phone(raw);

-- [local] e-mail addresses, in the order they came.
CREATE TABLE contact_email (
	key INTEGER PRIMARY KEY,
	contact INTEGER NOT NULL REFERENCES contact(key),
	email TEXT NOT NULL,			-- as written
	normalized TEXT UNIQUE			-- lower case; NULL where it is no address
);
CREATE INDEX contact_email_contact ON contact_email(contact);
CREATE INDEX contact_email_email ON contact_email(email);

-- [local] the UIDs that address books gave to a contact.
CREATE TABLE contact_uid (
	uid TEXT PRIMARY KEY,
	contact INTEGER NOT NULL REFERENCES contact(key)
) WITHOUT ROWID;
CREATE INDEX contact_uid_contact ON contact_uid(contact);

-- [local] the trail of merging: contacts that became a part of another.
CREATE TABLE contact_merged (
	id BLOB PRIMARY KEY,			-- the id that was given up; it still finds the contact
	contact INTEGER NOT NULL REFERENCES contact(key),
	name TEXT NOT NULL,			-- what it was called then
	at INTEGER NOT NULL			-- when
) WITHOUT ROWID;
CREATE INDEX contact_merged_contact ON contact_merged(contact);

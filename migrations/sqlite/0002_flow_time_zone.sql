-- The browser's time zone, for the streak of who signs in with GitHub for the first time.
ALTER TABLE oauth_flows ADD COLUMN time_zone TEXT;

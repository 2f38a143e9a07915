-- The local store notes how far it has taken the journal in; see migrations/sqlite/V4__journal.sql. There is no journal
-- beside this one, so nothing is added here but the number, which both stores share.

NOTIFY pgrst, 'reload schema';

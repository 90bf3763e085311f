-- The time of this transaction, on the database's clock.
SELECT now() AS now

-- A person's decision on two articles; any former one on them is withdrawn first. The clock's own time,
-- not the transaction's, which may have begun long before the placing was free.
INSERT INTO decision (a_id, b_id, kind, reason, at) VALUES (:a, :b, :kind, :reason, clock_timestamp())

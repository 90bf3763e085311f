-- A person's decision on two articles; any former one on them is withdrawn first.
INSERT INTO decision (a_id, b_id, kind, reason) VALUES (:a, :b, :kind, :reason)

-- One feed gone from the list; its entries and articles stay.
DELETE FROM feed WHERE url_sha256 = :url_sha256 RETURNING id

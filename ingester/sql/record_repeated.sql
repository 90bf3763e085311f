-- A text that stands under too many addresses of its outlet: no article, from now on.
INSERT INTO repeated_text (outlet_id, body_sha256) VALUES (:outlet_id, :body_sha256)

-- What an article says.
INSERT INTO revision (article_id, number, page_id, at, title, text, signed_text, description, authors,
                      published_at, published_precision, published_zoned, published_source, published_raw,
                      modified_at, agency, agency_evidence, section, language, canonical_url, image,
                      extractor, confidence, body_sha256)
VALUES (:article_id, :number, :page_id, now(), :title, :text, :signed_text, :description, :authors,
        :published_at, :published_precision, :published_zoned, :published_source, :published_raw,
        :modified_at, :agency, :agency_evidence, :section, :language, :canonical_url, :image,
        :extractor, :confidence, :body_sha256)

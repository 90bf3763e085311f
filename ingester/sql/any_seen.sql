-- Whether one of these links was seen before.
SELECT EXISTS (SELECT FROM entry WHERE url_sha256 = ANY(:urls)) AS seen

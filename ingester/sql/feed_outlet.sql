-- The name of a feed's outlet, where it is known.
SELECT o.name FROM feed f JOIN outlet o ON o.id = f.outlet_id WHERE f.id = :id

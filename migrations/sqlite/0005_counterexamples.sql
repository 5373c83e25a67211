-- A small input on which a submission differs from the reference, found after it was judged.
ALTER TABLE submissions ADD COLUMN counterexample TEXT
    CHECK (counterexample IS NULL OR json_type(counterexample) = 'object');

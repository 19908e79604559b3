-- What was known of the address of an event when it arrived: a JSON object, null for events that were stored before this step.
ALTER TABLE events ADD COLUMN enrichment TEXT;

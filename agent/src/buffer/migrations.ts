/**
 * The buffer's tables. Migrations only go forward: number n brings a database from version n − 1 to n, and one that has been
 * shipped is never edited. Times are whole milliseconds, flags 0 or 1.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL) STRICT;
  INSERT INTO counter (id, seq) VALUES (1, 0);

  CREATE TABLE owner (id INTEGER PRIMARY KEY CHECK (id = 1), agent_id TEXT NOT NULL) STRICT;

  -- Every event until its receipt; those of a frame (frame_id is set) until the frame is forgotten, so that it can be said again.
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    frame_id TEXT,
    recorded INTEGER NOT NULL DEFAULT 0 CHECK (recorded IN (0, 1)),
    refused_code TEXT,
    refused_reason TEXT
  ) STRICT;
  CREATE INDEX outbox_unrecorded ON outbox (seq) WHERE recorded = 0 AND refused_code IS NULL;
  CREATE INDEX outbox_of_frame ON outbox (frame_id) WHERE frame_id IS NOT NULL;

  CREATE TABLE frames (
    frame_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL UNIQUE,
    camera_id TEXT NOT NULL,
    timelapse_id TEXT,
    due_at INTEGER,
    taken_at INTEGER NOT NULL,
    flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    file TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'uploaded', 'quarantined', 'leaving')),
    recorded INTEGER NOT NULL DEFAULT 0 CHECK (recorded IN (0, 1)),
    uploaded_seq INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    reason TEXT
  ) STRICT;
  CREATE INDEX frames_by_state ON frames (state, recorded, seq);
  CREATE INDEX frames_unrecorded ON frames (seq) WHERE recorded = 0;

  -- Slots of a timelapse up to and including this moment have their outcome.
  CREATE TABLE cursors (timelapse_id TEXT PRIMARY KEY, settled_up_to INTEGER NOT NULL) STRICT;

  CREATE TABLE spans (
    id TEXT PRIMARY KEY,
    timelapse_id TEXT NOT NULL REFERENCES cursors (timelapse_id),
    schedule TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER,
    first_at_once INTEGER NOT NULL CHECK (first_at_once IN (0, 1))
  ) STRICT;
  CREATE INDEX spans_of_timelapse ON spans (timelapse_id, from_at);

  CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, body TEXT NOT NULL) STRICT;

  CREATE TABLE commands (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
  `,
  `
  ALTER TABLE frames ADD COLUMN quarantined_at INTEGER;
  CREATE INDEX frames_quarantined ON frames (quarantined_at, seq) WHERE state = 'quarantined';

  -- How often the time around this frame was thinned since it was taken.
  ALTER TABLE frames ADD COLUMN thinned INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX frames_to_thin
    ON frames ((flagged = 1 OR timelapse_id IS NULL), thinned, (taken_at / 3600000), camera_id, taken_at, seq)
    WHERE state = 'waiting';

  -- What was put on the line, by day of the site's calendar (2026-06-01).
  CREATE TABLE usage (day TEXT PRIMARY KEY, new_bytes INTEGER NOT NULL, backlog_bytes INTEGER NOT NULL) STRICT;

  -- When the agent's list and the records were last compared.
  CREATE TABLE reconciled (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
  `,
  `
  -- What the checks over time have learnt about each camera, as they write it.
  CREATE TABLE pasts (
    camera_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (camera_id, kind)
  ) STRICT;
  `,
];

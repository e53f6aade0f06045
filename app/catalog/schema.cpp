// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/schema.h"

namespace app {
namespace {

// Money: integer 1e-12 of a currency unit per token, which is a micro-unit per million tokens.
// Time: unix seconds, UTC; validity intervals are half-open [valid_from, valid_to).
const char *const kVersion1[] = {
    R"(CREATE TABLE source (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('vendor_page','catalog','gateway_api','measurement','user','seed')),
  homepage TEXT, licence TEXT NOT NULL, attribution TEXT,
  may_bundle INTEGER NOT NULL CHECK (may_bundle IN (0,1)),
  precedence INTEGER NOT NULL, -- lower wins where two sources price one offer
  stale_after_s INTEGER NOT NULL, dead_after_s INTEGER NOT NULL
) STRICT)",

    R"(CREATE TABLE import_run (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES source(id),
  started_at INTEGER NOT NULL, finished_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('running','applied','no_change','rejected')),
  uri TEXT, upstream_revision TEXT, upstream_date INTEGER,
  content_sha256 TEXT, content_bytes INTEGER,
  importer TEXT NOT NULL, importer_version INTEGER NOT NULL,
  n_seen INTEGER, n_new INTEGER, n_changed INTEGER, n_unchanged INTEGER, n_missing INTEGER,
  n_quarantined INTEGER, message TEXT
) STRICT)",
    R"(CREATE UNIQUE INDEX import_run_once ON import_run(source_id, content_sha256, importer_version)
  WHERE status = 'applied')",

    R"(CREATE TABLE provider (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('first_party','host','cloud','gateway','subscription','local')),
  country TEXT, pricing_url TEXT, platform_fee_ppm INTEGER NOT NULL DEFAULT 0
) STRICT)",

    R"(CREATE TABLE model (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, family TEXT,
  vendor_id INTEGER REFERENCES provider(id), released_on TEXT, open_weights INTEGER,
  params_total INTEGER, params_active INTEGER, is_reasoning INTEGER
) STRICT)",

    // What a seller's word for a model meant, and when: vendors move one name through many models.
    R"(CREATE TABLE model_alias (
  id INTEGER PRIMARY KEY, alias TEXT NOT NULL, provider_id INTEGER REFERENCES provider(id),
  model_id INTEGER NOT NULL REFERENCES model(id), valid_from INTEGER, valid_to INTEGER,
  source_id INTEGER NOT NULL REFERENCES source(id),
  confidence TEXT NOT NULL CHECK (confidence IN ('declared','curated','guessed')),
  CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from)
) STRICT)",
    R"(CREATE INDEX model_alias_lookup ON model_alias(alias, provider_id))",

    // One thing that can be bought.
    R"(CREATE TABLE offer (
  id INTEGER PRIMARY KEY, provider_id INTEGER NOT NULL REFERENCES provider(id),
  via_provider_id INTEGER REFERENCES provider(id), provider_model_id TEXT NOT NULL,
  region TEXT NOT NULL DEFAULT '', service_tier TEXT NOT NULL DEFAULT 'standard'
     CHECK (service_tier IN ('standard','batch','flex','priority','free','fast','subscription')),
  quantization TEXT NOT NULL DEFAULT 'unknown', endpoint_ref TEXT NOT NULL DEFAULT '',
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, retired_at INTEGER
) STRICT)",
    R"(CREATE UNIQUE INDEX offer_identity ON offer(provider_id, ifnull(via_provider_id,0),
  provider_model_id, region, service_tier, quantization, endpoint_ref))",

    // For each source: absence from one never deletes an offer.
    R"(CREATE TABLE offer_seen (
  offer_id INTEGER NOT NULL REFERENCES offer(id), source_id INTEGER NOT NULL REFERENCES source(id),
  upstream_key TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  last_run_id INTEGER NOT NULL REFERENCES import_run(id), missing_since INTEGER,
  PRIMARY KEY (offer_id, source_id)
) STRICT, WITHOUT ROWID)",

    R"(CREATE TABLE offer_limits (
  id INTEGER PRIMARY KEY, offer_id INTEGER NOT NULL REFERENCES offer(id),
  source_id INTEGER NOT NULL REFERENCES source(id),
  valid_from INTEGER NOT NULL, valid_to INTEGER, context_window INTEGER, max_input INTEGER,
  max_output INTEGER, run_id INTEGER NOT NULL REFERENCES import_run(id),
  checked_at INTEGER, upstream_locator TEXT, note TEXT,
  confidence TEXT NOT NULL DEFAULT 'medium' CHECK (confidence IN ('high','medium','low'))
) STRICT)",
    R"(CREATE INDEX offer_limits_asof ON offer_limits(offer_id, valid_from))",

    R"(CREATE TABLE schedule (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, description TEXT,
  day_tz TEXT NOT NULL, -- IANA zone that decides which calendar day an instant belongs to
  holiday_calendar TEXT, -- NULL, or a calendar whose dates match no weekday
  billed_by TEXT NOT NULL DEFAULT 'completion' CHECK (billed_by IN ('start','completion','unknown'))
) STRICT)",
    R"(CREATE TABLE schedule_window (
  schedule_id INTEGER NOT NULL REFERENCES schedule(id),
  dow_mask INTEGER NOT NULL CHECK (dow_mask BETWEEN 1 AND 127), -- bit 0 is Monday
  start_min_utc INTEGER NOT NULL CHECK (start_min_utc BETWEEN 0 AND 1439),
  end_min_utc INTEGER NOT NULL CHECK (end_min_utc BETWEEN 0 AND 1440),
  PRIMARY KEY (schedule_id, dow_mask, start_min_utc)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE holiday (
  calendar TEXT NOT NULL, day TEXT NOT NULL, name TEXT, source_id INTEGER REFERENCES source(id),
  PRIMARY KEY (calendar, day)
) STRICT, WITHOUT ROWID)",
    R"(CREATE TABLE holiday_coverage (
  calendar TEXT PRIMARY KEY, covered_from TEXT NOT NULL, covered_to TEXT NOT NULL
) STRICT)",

    // A price card, bitemporal: valid_* when it applied in the world, recorded_at and
    // superseded_at when we believed it. Amounts are always after the discount.
    R"(CREATE TABLE price_version (
  id INTEGER PRIMARY KEY, offer_id INTEGER NOT NULL REFERENCES offer(id),
  source_id INTEGER NOT NULL REFERENCES source(id), valid_from INTEGER, valid_to INTEGER,
  valid_from_basis TEXT NOT NULL CHECK (valid_from_basis IN
     ('vendor_declared','source_declared','first_seen','snapshot','unknown')),
  recorded_at INTEGER NOT NULL, superseded_at INTEGER,
  change_kind TEXT NOT NULL CHECK (change_kind IN
     ('initial','price_change','correction','schema_change')),
  status TEXT NOT NULL CHECK (status IN ('active','announced','cancelled','quarantined')),
  currency TEXT NOT NULL DEFAULT 'USD', checked_at INTEGER,
  discount_ppm INTEGER NOT NULL DEFAULT 0, run_id INTEGER NOT NULL REFERENCES import_run(id),
  upstream_locator TEXT, note TEXT, card_hash TEXT NOT NULL,
  confidence TEXT NOT NULL DEFAULT 'medium' CHECK (confidence IN ('high','medium','low')),
  CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from)
) STRICT)",
    R"(CREATE UNIQUE INDEX price_version_open ON price_version(offer_id, source_id)
  WHERE valid_to IS NULL AND superseded_at IS NULL AND status = 'active')",
    R"(CREATE INDEX price_version_asof ON price_version(offer_id, source_id, valid_from))",

    R"(CREATE TABLE price_component (
  price_version_id INTEGER NOT NULL REFERENCES price_version(id) ON DELETE CASCADE,
  component TEXT NOT NULL CHECK (component IN ('input','output','reasoning','cache_read',
     'cache_write','cache_write_1h','cache_storage_hour','input_audio','output_audio','input_image',
     'request','web_search')),
  min_input_tokens INTEGER NOT NULL DEFAULT 0, -- prompts longer than this; whole request repriced
  schedule_id INTEGER NOT NULL DEFAULT 0, -- 0 is any time
  amount_pico INTEGER NOT NULL CHECK (amount_pico >= 0),
  per TEXT NOT NULL DEFAULT 'token' CHECK (per IN ('token','image','request','token_hour','call')),
  origin TEXT NOT NULL CHECK (origin IN ('stated','derived','user')), raw_text TEXT,
  PRIMARY KEY (price_version_id, component, min_input_tokens, schedule_id)
) STRICT, WITHOUT ROWID)",

    R"(CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES import_run(id),
  upstream_key TEXT NOT NULL, rule TEXT NOT NULL, old_value TEXT, new_value TEXT,
  decided_at INTEGER, decision TEXT CHECK (decision IN ('accept','reject'))
) STRICT)",

    R"(CREATE TABLE workload (
  id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('synthetic','production_mix','local_bench')),
  input_tokens INTEGER, output_tokens INTEGER, concurrency INTEGER, cache_hit_ppm INTEGER,
  client_region TEXT, note TEXT
) STRICT)",
    R"(CREATE TABLE latency_obs (
  id INTEGER PRIMARY KEY, offer_id INTEGER NOT NULL REFERENCES offer(id),
  source_id INTEGER NOT NULL REFERENCES source(id),
  workload_id INTEGER NOT NULL REFERENCES workload(id), run_id INTEGER REFERENCES import_run(id),
  metric TEXT NOT NULL CHECK (metric IN ('ttft_ms','ttfat_ms','tps','itl_ms','e2e_ms','uptime_ppm')),
  window_start INTEGER NOT NULL, window_end INTEGER NOT NULL, n INTEGER,
  p05 REAL, p25 REAL, p50 REAL, p75 REAL, p90 REAL, p95 REAL, p99 REAL, mean REAL,
  percentile_of TEXT NOT NULL CHECK (percentile_of IN ('requests','snapshots')),
  upstream_locator TEXT, note TEXT,
  confidence TEXT NOT NULL DEFAULT 'medium' CHECK (confidence IN ('high','medium','low')),
  CHECK (window_end >= window_start)
) STRICT)",
    R"(CREATE UNIQUE INDEX latency_obs_once ON latency_obs(offer_id, source_id, workload_id, metric,
  window_start, window_end))",

    // What somebody said, as a bound that is open where NULL. With versus_offer_id the bounds are
    // those of the difference from that offer.
    R"(CREATE TABLE claim (
  id INTEGER PRIMARY KEY, offer_id INTEGER NOT NULL REFERENCES offer(id),
  versus_offer_id INTEGER REFERENCES offer(id), source_id INTEGER NOT NULL REFERENCES source(id),
  metric TEXT NOT NULL CHECK (metric IN ('ttft_ms','tps','blended_micro')),
  lower REAL, upper REAL, words TEXT NOT NULL, valid_from INTEGER, valid_to INTEGER,
  checked_at INTEGER, run_id INTEGER NOT NULL REFERENCES import_run(id), upstream_locator TEXT,
  note TEXT,
  confidence TEXT NOT NULL DEFAULT 'medium' CHECK (confidence IN ('high','medium','low')),
  CHECK (lower IS NULL OR upper IS NULL OR upper >= lower),
  CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from)
) STRICT)",
    R"(CREATE INDEX claim_offer ON claim(offer_id, metric))",

    R"(CREATE TABLE user_override (
  id INTEGER PRIMARY KEY, offer_id INTEGER NOT NULL REFERENCES offer(id), component TEXT NOT NULL,
  min_input_tokens INTEGER NOT NULL DEFAULT 0, schedule_id INTEGER NOT NULL DEFAULT 0,
  amount_pico INTEGER NOT NULL CHECK (amount_pico >= 0), currency TEXT NOT NULL DEFAULT 'USD',
  valid_from INTEGER, valid_to INTEGER, reason TEXT, created_at INTEGER NOT NULL,
  base_card_hash TEXT -- the imported card it was made against; another hash later: base has changed
) STRICT)",
    R"(CREATE TABLE fx_rate (
  base TEXT NOT NULL, quote TEXT NOT NULL, as_of TEXT NOT NULL,
  rate_e9 INTEGER NOT NULL CHECK (rate_e9 > 0), source_id INTEGER REFERENCES source(id),
  PRIMARY KEY (base, quote, as_of)
) STRICT, WITHOUT ROWID)",

    R"(CREATE VIEW v_current_card AS
SELECT pv.offer_id, pv.id AS price_version_id, pv.source_id, s.precedence, pv.valid_from,
       pv.checked_at, pv.currency, os.last_seen,
       (strftime('%s','now') - os.last_seen) > s.stale_after_s AS is_stale,
       (strftime('%s','now') - os.last_seen) > s.dead_after_s AS is_dead
FROM price_version pv JOIN source s ON s.id = pv.source_id
LEFT JOIN offer_seen os ON os.offer_id = pv.offer_id AND os.source_id = pv.source_id
WHERE pv.status = 'active' AND pv.superseded_at IS NULL AND pv.valid_to IS NULL)",

    // Offers whose sources disagree today on a base price.
    R"(CREATE VIEW v_conflict AS
SELECT c.offer_id, pc.component, count(DISTINCT pc.amount_pico) AS n_values,
       min(pc.amount_pico) AS lo, max(pc.amount_pico) AS hi
FROM v_current_card c JOIN price_component pc ON pc.price_version_id = c.price_version_id
WHERE pc.min_input_tokens = 0 AND pc.schedule_id = 0
  AND pc.component IN ('input','output','cache_read')
GROUP BY c.offer_id, pc.component HAVING n_values > 1)",
};

// What importing, editing and refreshing need: a key to find an offer by, what a review holds back,
// a log of edits, who may be asked for news, and how many tokens a task takes.
const char *const kVersion2[] = {
    "ALTER TABLE offer ADD COLUMN key TEXT",
    R"(UPDATE offer SET key = (SELECT p.slug FROM provider p WHERE p.id = offer.provider_id)
  || '/' || provider_model_id
  || ifnull((SELECT '@' || v.slug FROM provider v WHERE v.id = offer.via_provider_id), '')
  || CASE region WHEN '' THEN '' ELSE '#' || region END
  || CASE service_tier WHEN 'standard' THEN '' ELSE '!' || service_tier END
  || CASE quantization WHEN 'unknown' THEN '' ELSE '+' || quantization END
  || CASE endpoint_ref WHEN '' THEN '' ELSE '~' || endpoint_ref END)",
    "CREATE UNIQUE INDEX offer_key ON offer(key)",
    "CREATE INDEX offer_sold_as ON offer(provider_model_id, provider_id)",
    "CREATE INDEX model_alias_model ON model_alias(model_id)",
    "CREATE INDEX model_family ON model(family)",

    // A list may go back to what it said before, so equal content is no longer refused by itself.
    "DROP INDEX import_run_once",
    "CREATE INDEX import_run_content ON import_run(source_id, content_sha256)",
    "ALTER TABLE import_run ADD COLUMN scope TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE import_run ADD COLUMN dialect TEXT NOT NULL DEFAULT ''",

    "ALTER TABLE offer_seen ADD COLUMN scope TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE offer_seen ADD COLUMN missing_runs INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE offer_seen ADD COLUMN unpriced TEXT",
    "CREATE INDEX offer_seen_source ON offer_seen(source_id, scope)",

    "ALTER TABLE quarantine ADD COLUMN offer_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quarantine ADD COLUMN source_id INTEGER REFERENCES source(id)",
    "ALTER TABLE quarantine ADD COLUMN observed_at INTEGER",
    "ALTER TABLE quarantine ADD COLUMN card_hash TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quarantine ADD COLUMN held TEXT", // the refused prices, in the catalog's own JSON
    "CREATE INDEX quarantine_offer ON quarantine(offer_key)",

    "ALTER TABLE user_override ADD COLUMN removed_at INTEGER",
    "CREATE INDEX user_override_offer ON user_override(offer_id)",
    R"(CREATE TABLE edit_log (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('set_override','remove_override','accept','reject')),
  offer_key TEXT NOT NULL, subject_id INTEGER NOT NULL, replaced_id INTEGER,
  words TEXT NOT NULL, undone_at INTEGER
) STRICT)",

    R"(CREATE TABLE refresh_source (
  slug TEXT PRIMARY KEY, url TEXT NOT NULL, enabled INTEGER NOT NULL CHECK (enabled IN (0,1)),
  last_tried_at INTEGER, last_words TEXT
) STRICT)",

    // What one model spent on one public set of tasks.
    R"(CREATE TABLE token_use (
  id INTEGER PRIMARY KEY, model_id INTEGER NOT NULL REFERENCES model(id), setting TEXT NOT NULL,
  task TEXT NOT NULL, cases INTEGER NOT NULL CHECK (cases > 0),
  passed_ppm INTEGER NOT NULL CHECK (passed_ppm BETWEEN 0 AND 1000000),
  prompt_tokens INTEGER, completion_tokens INTEGER, seconds_per_case REAL,
  source_id INTEGER NOT NULL REFERENCES source(id), run_id INTEGER NOT NULL REFERENCES import_run(id),
  checked_at INTEGER, upstream_locator TEXT, note TEXT,
  confidence TEXT NOT NULL DEFAULT 'medium' CHECK (confidence IN ('high','medium','low')),
  UNIQUE (model_id, setting, task)
) STRICT)",
};

const Migration kMigrations[] = {
    {1, kVersion1},
    {2, kVersion2},
};

} // namespace

std::span<const Migration> catalogMigrations()
{
    return kMigrations;
}

} // namespace app

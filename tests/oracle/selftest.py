"""The oracle against figures worked out by hand, most of them from real bills.

Each case names where it comes from; the arithmetic is in the comment or in the
arguments. Run alone: `python3 tests/oracle/selftest.py`.
"""

from __future__ import annotations

import unittest

from exact import amount, percent, share_of, split_name
from generate import as_input, draw_scenario, yaml_text
from logs import InputFile
from oracle import exit_code, report

DAY = "2026-09-15T10:00:00Z"


def model(standard, batch=None, kind="chat", **more):
    """A model with one undated entry; rates are given as `input/cache_read/output`-like dicts."""
    blocks = {"standard": standard} | ({"batch": batch} if batch else {})
    return {"kind": kind, "snapshots": False, "prices": [blocks | more]}


def table(**models):
    """A table of one provider `p`."""
    return {"providers": {"p": {"batch": {"window_hours": "24", "min_requests": "0"}, "models": models}}}


def row(input_tokens, output_tokens=0, model="m", **more):
    """One call."""
    given = {"timestamp": DAY, "model": model, "input_tokens": input_tokens, "output_tokens": output_tokens}
    return {column: str(value) for column, value in (given | more).items()}


def run(rows, prices, policy=None, options=None):
    """The report of one file of rows."""
    file = InputFile("log.csv", rows, headers=1, blanks=0, content=b"log")
    return report([file], prices, policy, options or {})


def cost(rows, prices):
    """The computed cost of rows."""
    return run(rows, prices)["cost"]["computed"]


def no_floor(**more):
    """A policy without a volume floor."""
    return {"limits": {"min_requests": "0"}} | more


def rates(**prices):
    """A block of rates."""
    return {token_class: str(price) for token_class, price in prices.items()}


OPENAI = rates(input="2.5", cache_read="1.25", output="10")
LONG = {"above": {"272000": {"standard": rates(input="10", cache_read="1", output="45")}}}


class TokenClasses(unittest.TestCase):
    """accuracy.md 1 to 5."""

    def test_cache_inside_input(self):
        self.assertEqual(cost([row(2006, 300, cached_input_tokens=1920)], table(m=model(OPENAI))), "0.005615")
        gpt5 = model(rates(input="1.25", cache_read="0.125", output="10"))
        self.assertEqual(cost([row(9126, 3197, cached_input_tokens=4864)], table(m=gpt5)), "0.0379055")

    def test_cache_write_is_part_of_the_prompt(self):
        sonnet = model(rates(input="3", cache_write_5m="3.75", output="15"))
        self.assertEqual(cost([row(12307, 550, cache_write_tokens=12304)], table(m=sonnet)), "0.054399")

    def test_cache_write_lifetimes(self):
        opus = table(m=model(rates(input="10", cache_write_5m="12.5", cache_write_1h="20", output="50")))
        self.assertEqual(cost([row(37175, cache_write_tokens=37175)], opus), "0.4646875")
        self.assertEqual(cost([row(37175, cache_write_1h_tokens=37175)], opus), "0.7435")

    def test_parts_above_the_whole_reject(self):
        rows = [row(100, 1), row(100, 1, cached_input_tokens=60, cache_write_tokens=41)]
        result = run(rows, table(m=model(OPENAI)))
        self.assertEqual(result["inputs"][0]["rows"]["rejected"], 1)
        self.assertEqual(exit_code(result, None), 3)
        self.assertEqual(exit_code(result, {"accept": {"rejects": "1"}}), 0)


class Steps(unittest.TestCase):
    """accuracy.md 7 to 9."""

    def test_whole_call_on_the_whole_prompt(self):
        prices = table(m=model(OPENAI, **LONG))
        self.assertEqual(cost([row(278476, 630, cached_input_tokens=7936)], prices), "2.741686")

    def test_above_is_exclusive_and_at_least_inclusive(self):
        base, long = rates(input="5", output="30"), {"272000": {"standard": rates(input="10", output="45")}}
        self.assertEqual(cost([row(272000, 1000)], table(m=model(base, above=long))), "1.39")
        self.assertEqual(cost([row(272001, 1000)], table(m=model(base, above=long))), "2.76501")
        self.assertEqual(cost([row(272000, 1000)], table(m=model(base, at_least=long))), "2.765")

    def test_bucket_has_no_prompt(self):
        bucket = row(900000, 0, requests=21, bucket_end="2026-09-15T11:00:00Z")
        self.assertEqual(cost([bucket], table(m=model(OPENAI, **LONG))), "2.25")

    def test_no_batch_block_in_the_step(self):
        prices = table(m=model(OPENAI, rates(input="1.25", output="5"), **LONG))
        result = run([row(300000, 1)], prices, no_floor())
        self.assertEqual(result["workloads"][0]["reasons"], ["no-batch-rate"])
        self.assertIsNone(result["workloads"][0]["batch_cost"])


class Batch(unittest.TestCase):
    """accuracy.md 10 to 13."""

    prices = table(m=model(rates(input="10"), rates(input="5")))

    def test_only_what_is_not_batch_already_can_save(self):
        rows = [row(50_000_000, project="bulk"), row(100_000_000, project="bulk", service_tier="batch")]
        result = run(rows, self.prices, no_floor(), {"from": "2026-09-01", "to": "2026-09-30"})
        self.assertEqual(result["scenarios"][1]["monthly_saving"], {"low": "0", "base": "250", "high": "250"})
        self.assertEqual(result["scenarios"][1]["saving_share"]["base"], "0.25")

    def test_batch_and_cache_by_the_table(self):
        # 31,493,594 × 0.625 + 19,786,241 × 5, then with 24,045,184 of the prompt at 0.0625.
        usage = {"cached_input_tokens": 24045184, "service_tier": "batch"}
        rows = [row(31493594, 19786241, **usage)]
        standard = rates(input="1.25", cache_read="0.125", output="10")
        self.assertEqual(cost(rows, table(m=model(standard, rates(input="0.625", output="5")))), "118.61470125")
        cached = rates(input="0.625", cache_read="0.0625", output="5")
        self.assertEqual(cost(rows, table(m=model(standard, cached))), "105.08928525")

    def test_cache_loss(self):
        # Now 0.2×10 + 0.8×1 + 6135×50/1M = 3.10675; in batch 5 + 6135×25/1M = 5.153375.
        prices = table(m=model(rates(input="10", cache_read="1", output="50"), rates(input="5", output="25")))
        rows = [row(1_000_000, 6135, cached_input_tokens=800_000, project="bulk")]
        workload = run(rows, prices, no_floor())["workloads"][0]
        self.assertEqual((workload["verdict"], workload["band"], workload["reasons"]), ("real-time", None, ["cache-loss"]))
        self.assertEqual((workload["cost"], workload["batch_cost"]), ("3.10675", "5.153375"))
        kept = run(rows, prices, no_floor(batch={"cache_hit_share": "100%"}))["workloads"][0]
        self.assertEqual(kept["batch_cost"], "5.153375")  # without a cached batch rate hits do not help

    def test_hit_share(self):
        # h = 25 %: 0.25×800k×0.5 + (200k + 0.75×800k)×5 = 0.1 + 4.
        prices = table(m=model(rates(input="10", cache_read="9"), rates(input="5", cache_read="0.5")))
        rows = [row(1_000_000, cached_input_tokens=800_000, project="bulk")]
        workload = run(rows, prices, no_floor(batch={"cache_hit_share": "25%"}))["workloads"][0]
        self.assertEqual((workload["cost"], workload["batch_cost"], workload["band"]), ("9.2", "4.1", "likely"))

    def test_equal_rates_save_nothing(self):
        prices = table(m=model(rates(input="10"), rates(input="10")))
        self.assertEqual(run([row(5, project="bulk")], prices, no_floor())["workloads"][0]["reasons"], ["no-saving"])

    def test_small_volume(self):
        result = run([row(5, project="bulk")], self.prices)
        self.assertEqual(result["workloads"][0]["reasons"], ["small-volume"])

    def test_small_volume_needs_a_small_saving(self):
        # One request a day; batch saves 5 of 10 dollars in a whole month: 5 < 5.01 is small, 5 < 5 is not.
        prices, rows = table(m=model(rates(input="10"), rates(input="5"))), [row(1_000_000, project="bulk")]
        month = {"from": "2026-09-01", "to": "2026-09-30"}
        found = [run(rows, prices, {"limits": {"small_saving": limit}}, month) for limit in ("5.01", "5")]
        small, counted = (result["workloads"][0] for result in found)
        self.assertEqual((small["band"], small["reasons"], small["saving_forgone"]), (None, ["small-volume"], "5"))
        self.assertEqual((counted["band"], counted["monthly_saving"]), ("likely", "5"))
        self.assertNotIn("saving_forgone", counted)

    def test_confirmed_rows_are_kept_and_counted(self):
        rule = {"rules": [{"id": "all", "when": {}, "then": "batch"}]}
        result = run([row(5, project="bulk")], self.prices, rule)
        self.assertEqual(result["workloads"][0]["reasons"], ["rule:all"])
        self.assertEqual(result["warnings"], [{"code": "small-volume-kept", "count": 1}])

    def test_a_bucket_of_one_request_states_its_prompt(self):
        prices = table(m=model(rates(input="5"), **LONG))
        bucket = {"bucket_end": "2026-10-05T13:00:00Z", "timestamp": "2026-10-05T12:00:00Z", "provider": "p"}
        costs = [cost([row(300_000, requests=n, **bucket)], prices) for n in (1, 2)]
        self.assertEqual(costs, ["3", "1.5"])


class Prices(unittest.TestCase):
    """accuracy.md 16, 17, 19, 20a and 26."""

    def test_entry_in_force_on_the_day(self):
        dated = model(rates(input="5"))
        dated["prices"].append({"from": "2026-08-21", "standard": rates(input="4")})
        days = ("2026-08-20T23:59:59Z", "2026-08-22T00:00:00Z", "2026-08-20T23:30:00-05:00")
        self.assertEqual([cost([row(100_000, timestamp=day)], table(m=dated)) for day in days], ["0.5", "0.4", "0.4"])

    def test_days_before_a_known_start_are_unpriced(self):
        dated = model(rates(input="5"))
        dated["prices"][0]["from"] = "2026-10-01"
        self.assertEqual(run([row(10)], table(m=dated))["usage"]["unpriced"], {"requests": 1, "tokens": 10, "models": ["m"]})

    def test_near_names_are_unknown(self):
        declared = model(rates(input="5"))
        declared["snapshots"], declared["match"], declared["aliases"] = True, ["m-pre*"], ["mm"]
        names = {"m": 1, "mm": 1, "m-2026-01-01": 1, "m-20260101": 1, "m-preview": 1, "p/m": 1, "m-mini": 0, "m-4": 0, "q/m": 0}
        for name, known in names.items():
            result = run([row(1_000_000, model=name)], table(m=declared))
            self.assertEqual(result["cost"]["computed"], "5" if known else "0", name)
            self.assertEqual(exit_code(result, None), 0 if known else 3, name)

    def test_missing_is_not_free(self):
        self.assertEqual(exit_code(run([row(5)], table(m=model(rates(input="0")))), None), 0)
        unpriced = run([row(5, 1)], table(m=model(rates(input="0"))))
        self.assertIsNone(unpriced["workloads"][0]["monthly_saving"])
        self.assertEqual(unpriced["workloads"][0]["reasons"], ["unpriced"])

    def test_ambiguous_provider(self):
        both = {"providers": {name: {"models": {"m": model(rates(input="5"))}} for name in "pq"}}
        self.assertEqual(run([row(1)], both)["workloads"][0]["provider"], "")
        self.assertEqual(run([row(1)], both, None, {"provider": "q"})["workloads"][0]["provider"], "q")
        both["providers"]["p"]["resells"] = True
        self.assertEqual(run([row(1)], both, None, {"provider": "p"})["workloads"][0]["provider"], "q", "its maker")
        only = {"providers": {"p": both["providers"]["p"], "q": {"models": {"other": model(rates(input="7"))}}}}
        self.assertEqual(run([row(1)], only, None, {"provider": "q"})["workloads"][0]["cost"], "0.000005")


class Rows(unittest.TestCase):
    """accuracy.md 21 and 25."""

    prices = table(m=model(rates(input="10"), rates(input="5")))

    def test_versions_of_one_call_count_once(self):
        rows = [row(10, 1, request_id="a"), row(10, 0, request_id="a"), row(9, 1, request_id="a"), row(10, 1), row(10, 1)]
        result = run(rows, table(m=model(rates(input="10", output="1"))))
        counts = result["inputs"][0]["rows"]
        self.assertEqual((counts["accepted"], counts["duplicate"], result["usage"]["tokens"]["input"]), (3, 2, 30))

    def test_the_same_file_twice(self):
        files = [InputFile(name, [row(10)], 0, 0, b"same") for name in ("a.jsonl", "b.jsonl")]
        result = report(files, self.prices, None, {})
        self.assertEqual([entry["rows"]["duplicate"] for entry in result["inputs"]], [0, 1])

    def test_run_rate(self):
        rows = [row(1_000_000, timestamp=f"2026-09-{day:02}T00:00:00Z") for day in range(1, 15)]
        result = run(rows, self.prices)
        self.assertEqual(result["period"]["days"], 14)
        # 140 × 365 ÷ (12 × 14) = 304.1666…
        self.assertEqual(result["scenarios"][0]["monthly_cost"]["base"], "304.166666666667")

    def test_month_boundary_is_utc(self):
        result = run([row(1, timestamp="2026-03-31T23:30:00-05:00")], self.prices)
        self.assertEqual(result["period"]["from"], "2026-04-01")

    def test_outside_comes_after_duplicates(self):
        rows = [row(10, 1, request_id="a"), row(10, 2, request_id="a", timestamp="2026-10-01T00:00:00Z")]
        result = run(rows, self.prices, None, {"from": "2026-09-01", "to": "2026-09-30"})
        counts = result["inputs"][0]["rows"]
        self.assertEqual((counts["outside"], counts["duplicate"], counts["accepted"]), (1, 1, 0))


class Verdicts(unittest.TestCase):
    """contract §4 and eligibility.md."""

    prices = table(m=model(rates(input="10", output="10"), rates(input="5", output="5"), priority=rates(input="20", output="20")))

    def code(self, **facts):
        return run([row(5, 5, **facts)], self.prices, no_floor())["workloads"][0]["reasons"][0]

    def test_names_are_split(self):
        self.assertEqual(split_name("SEOReport-crmEnrichment_v2Eval"), ("seo", "report", "crm", "enrichment", "v2", "eval"))

    def test_words(self):
        self.assertEqual(self.code(workload_tag="ticket-tagging", project="support"), "word:tagging")
        self.assertEqual(self.code(project="evaluate-me-live-chat"), "word:chat")
        self.assertEqual(self.code(project="categorisation"), "word:categori*")
        self.assertEqual(self.code(api_key_name="leadScoring"), "word:lead scoring")
        self.assertEqual(self.code(user="chat", endpoint="batch"), "undecided")

    def test_order_of_the_steps(self):
        self.assertEqual(self.code(status=500, service_tier="batch"), "failed-call")
        self.assertEqual(self.code(**{"tag.batch": "true", "tag.max_wait": "1h", "stream": "true"}), "tag:batch")
        self.assertEqual(self.code(**{"tag.batch": "yes", "tag.max_wait": "1440m"}), "tag:max_wait")
        self.assertEqual(self.code(stream="true", service_tier="fast"), "streaming")
        self.assertEqual(self.code(service_tier="fast", app="Open WebUI"), "priority-tier")
        self.assertEqual(self.code(app="claude-code"), "interactive-app")
        self.assertEqual(self.code(service_tier="incentivized-tier"), "free-tier")

    def test_many_end_users(self):
        for users, code in ((4, "undecided"), (5, "many-end-users")):
            rows = [row(5, 5, end_user=f"u{n}") for n in range(users)]
            self.assertEqual(run(rows, self.prices, no_floor())["workloads"][0]["reasons"], [code])

    def test_rules(self):
        when = {"hour": {"from": "22", "to": "10"}, "project": ["CRM-*"], "input_tokens": {"above": "4", "below": "6"}}
        for then, band in (("batch", "confirmed"), ("real-time", None), ("ask", "undecided")):
            policy = no_floor(rules=[{"id": "r", "when": when, "then": then}])
            found = run([row(5, 5, project="crm-x/y", stream="true")], self.prices, policy)["workloads"][0]
            self.assertEqual((found["band"], found["reasons"]), (band, ["rule:r"]))


class Scenarios(unittest.TestCase):
    """article.md's worked example and contract §5."""

    prices = table(
        m=model(rates(input="10"), rates(input="5")),
        cheap=model(rates(input="1"), rates(input="0.5")),
    )
    rows = [row(600_000_000, project="bulk"), row(900_000_000, project="chat")]
    month = {"from": "2026-09-01", "to": "2026-09-30"}

    def test_the_article(self):
        policy = no_floor(rules=[{"id": "bulk", "when": {"project": "bulk"}, "then": "batch"}])
        options = self.month | {"routing_saves": ("40%", "70%")}
        today, batch, both = run(self.rows, self.prices, policy, options)["scenarios"]
        self.assertEqual(today["monthly_cost"]["base"], "15000")
        self.assertEqual(batch["monthly_saving"], {"low": "3000", "base": "3000", "high": "3000"})
        self.assertEqual(both["monthly_saving"], {"low": "6600", "base": "7950", "high": "9300"})
        self.assertEqual(both["saving_share"], {"low": "0.44", "base": "0.53", "high": "0.62"})
        self.assertEqual(both["parts"]["routing"], {"low": "3600", "base": "4950", "high": "6300"})

    def test_a_route(self):
        # C = 9000, C_to = 900: share × 8100 − share × 10 % × 9000 − 1 % × 9000; `bulk` (likely) has no route.
        route = {"from": "p/m", "to": "p/cheap", "share": {"low": "20%", "high": "40%"}, "escalation": "10%", "overhead": "1%"}
        rows = [self.rows[1], dict(self.rows[0], model="cheap")]
        both = run(rows, self.prices, no_floor(routing={"routes": [route]}), self.month)["scenarios"][2]
        self.assertEqual(both["parts"]["routing"], {"low": "1350", "base": "2070", "high": "2790"})

    def test_savings_of_a_dear_route_are_sorted(self):
        route = {"from": "*/cheap", "to": "p/m", "share": {"low": "10%", "base": "20%", "high": "50%"}}
        rows = [row(100_000_000, model="cheap", project="chat")]
        both = run(rows, self.prices, no_floor(routing={"routes": [route]}), self.month)["scenarios"][2]
        self.assertEqual(both["monthly_saving"], {"low": "-450", "base": "-180", "high": "-90"})

    def test_each_dollar_is_used_once(self):
        # Likely: 3000 by batch; routing it would save 30 % (1800) in base and 60 % (3600) in high.
        both = run(self.rows[:1], self.prices, no_floor(), self.month)["scenarios"][2]
        self.assertEqual(both["parts"], {
            "batch": {"low": "0", "base": "3000", "high": "0"},
            "routing": {"low": "0", "base": "0", "high": "3600"},
        })


class Text(unittest.TestCase):
    """How amounts and files are written."""

    def test_amounts(self):
        self.assertEqual([amount(percent(text)) for text in ("0%", "-12.50%", "12300%", "0.0001%")], ["0", "-0.125", "123", "0.000001"])
        self.assertEqual([share_of(1, 3), share_of(1, 2), share_of(1, 0)], ["0.333333", "0.5", None])

    def test_a_seed_is_one_scenario(self):
        self.assertEqual(yaml_text(draw_scenario("1:1").table), yaml_text(draw_scenario("1:1").table))
        self.assertEqual([as_input(f) for f in draw_scenario("1:1").files], [as_input(f) for f in draw_scenario("1:1").files])


if __name__ == "__main__":
    unittest.main()

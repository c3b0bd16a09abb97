"""Which benchmarks there are; what each measures is said in its module."""

from typing import Final

BENCHMARKS: Final = {
    "1": "bench_signup",
    "2": "bench_requests",
    "3": "bench_posting",
    "5": "bench_insights",
    "6": "bench_imports",
    "7": "bench_releases",
    "8": "bench_growth",
    "9": "bench_search",
    "10": "bench_json",
    "11": "bench_bottle",
    "12": "bench_jobs",
    "HTTP": "bench_http",
    "C1": "bench_occasions",
    "Q1": "bench_complaints",
}

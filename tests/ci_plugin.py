"""Makes a skipped test a failed one where everything that tests need has been installed (`-p tests.ci_plugin`)."""

import re
from collections.abc import Generator

import pytest

# What a machine cannot bring along: vendors' specifications that we may not ship, and a registry that does not answer.
MAY_BE_MISSING = re.compile(r"is not at hand|specs are not here|not part of this repository|npm could not install")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not MAY_BE_MISSING.search(reason):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, where everything should be there: {reason}"
    return report

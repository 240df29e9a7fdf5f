"""When a job that failed comes back."""

from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

FIRST_WAIT, LONGEST_WAIT = 10, 3_600


class UntilSent(BaseRetryStrategy):
    """Wait 10 s, 20 s, 40 s… up to one hour, without end: a mail is late rather than lost."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        wait = FIRST_WAIT * 2 ** min(job.attempts, 20)
        return RetryDecision(retry_in={"seconds": min(wait, LONGEST_WAIT)})

"""The loaders: what the rows of each kind of file mean to the tables."""

from regulars.imports.columns.attributes import Subject
from regulars.imports.contract import Job, Loader


def of(job: Job) -> Loader:
    """Return the loader of a job, by what its file holds."""
    from regulars.imports.loading.customers import CustomerLoader
    from regulars.imports.loading.purchases import PurchaseLoader

    if job.mapping.subject is Subject.CUSTOMERS:
        return CustomerLoader(job)
    return PurchaseLoader(job)

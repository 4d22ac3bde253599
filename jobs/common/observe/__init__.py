"""Show what a run does: progress, log lines, metrics, Spark job descriptions.

The driver opens an observer for the run, and enters a stage around each Spark action::

    with Observer("deidentify", run_id, metrics) as observer:
        with observer.stage("LIST"):
            listing = ...
        observer.expect(objects=listing.count, size=listing.total_bytes, skipped=skipped)
        observer.attach(spark.sparkContext)  # after the session has started, before the first batch
        context = BatchContext(..., progress=observer.address)  # sent to the workers
        with observer.stage("REBUILD", batch, tasks=len(tasks), objects=count, size=size):
            reports = frame.mapInArrow(...).collect()
        with observer.stage("COMMIT", batch):  # in any thread
            tables.commit_files(...)
        observer.quarantined(source_id, reason_code)  # samples; the first ten are shown
        observer.batch_committed(batch, BatchCounts(Counter({("deidentified", ""): 7}), 7, in, out))
        observer.finish()  # the last lines on stderr

A worker reports each object that it has finished::

    with ProgressReporter(context.progress, "REBUILD", context.batch) as progress:
        for item in items:
            ...
            progress.report(size=item.size)

Work of the driver itself is reported by ``with observer.stage(...) as stage: stage.report(1)``.
Everything is optional: without ``attach`` no datagram is received, without ``stage`` no line is
drawn. Other lines go to stderr by :func:`jobs.common.cli.log.log_event`.
"""

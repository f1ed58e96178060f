"""A class-data archive, with which the broker starts in 2 seconds, not 5: ``python -m local.class_data_archive``.

The JVM writes one when it ends; so a broker is started once, used a little, and stopped. Made once for each set of
archives and version of Java; the JVM ignores one that does not fit.
"""

import os
import sys
import tempfile
from pathlib import Path

from infra import topic_admin
from infra.settings import load_settings
from local import jars, jvm
from local.broker import Broker


def make_archive() -> Path:
    """Make the archive from a broker's short life, and return where it is."""
    jars.fetch_jars()
    jvm.ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
    fresh = jvm.ARCHIVE.with_name(f"{jvm.ARCHIVE.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="kafka-archive-") as directory:
        broker = Broker(
            Path(directory),
            java_options=(f"-XX:ArchiveClassesAtExit={fresh}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"),
        )
        with broker:
            on_it = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": 1}
            settings = load_settings(Path(directory), recorded=False).model_copy(update=on_it)
            topic_admin.create_topics(settings)
            topic_admin.read_topic_ids(settings)
    return fresh.replace(jvm.ARCHIVE)


if __name__ == "__main__":
    sys.stdout.write(f"{make_archive()}\n")

"""Settings of the log that seals the outputs: a part of ``infra.settings.Settings``, which reads the environment."""

from pathlib import Path

from pydantic import BaseModel, Field


class SealSettings(BaseModel):
    """How often the log is sealed, where its files lie, and what it is called."""

    seal_interval_seconds: float = Field(
        default=1.0, ge=0.1, le=3600.0, description="least time between two checkpoints"
    )
    seal_directory: Path | None = Field(
        default=None, description="directory of the log's tiles, which may be served as static files"
    )
    seal_key_file: Path | None = Field(default=None, description="file with the log's signing key")
    seal_origin: str | None = Field(
        default=None, description="name of the log, when its first key is made; a made-up one unless given"
    )

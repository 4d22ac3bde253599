"""Read and write Delta tables; hold the lease of their only writer."""

import os

# delta-rs allocates with jemalloc, which reads its settings when the module is loaded. By default
# it has four arenas per core, and keeps freed pages for ten seconds: 13 MB more at the peak of a
# run over 100,000 objects.
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0")

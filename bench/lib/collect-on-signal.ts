/** Loaded into a gateway by a bench (`--import`, with `--expose-gc`): on SIGUSR2 it collects its garbage, so that memory is what is held. */
process.on('SIGUSR2', () => {
  const { gc } = globalThis as { gc?: () => void };
  // what finalizers let go of goes with the second
  gc?.();
  setTimeout(() => gc?.(), 50).unref();
});

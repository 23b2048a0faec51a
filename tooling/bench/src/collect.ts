// Loaded into a server that is watched, beside its own code: when asked it collects all garbage and tells what is left.
process.on('message', () => {
  gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.((heapUsed + external) / 2 ** 20)
})
// To be asked is no reason to stay.
process.channel?.unref()

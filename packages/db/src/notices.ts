/** What a listener is told. */
export interface NoticeHooks {
  message(text: string): void
  /** The connection is there, for the first time or again: what was sent before was not heard. */
  listening(): void
  /** The connection is gone; it is tried again. */
  lost(error: unknown): void
}

/** Short messages between the processes that have the same database open. Nothing is kept. */
export interface Notices {
  /** Tells everybody who listens now. Rejects when the server can't be told. */
  send(channel: string, text: string): Promise<void>
  /** Listens on a connection of its own, and notices when that is lost. Answers what ends it. */
  listen(channel: string, hooks: NoticeHooks): () => Promise<void>
}

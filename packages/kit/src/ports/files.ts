/** A file that is kept. The key is ours, never a client's name; whoever knows only keys can't read any file. */
export interface StoredFile {
  readonly key: string
  /** In bytes. */
  readonly size: number
  /** Of the content, in hex. */
  readonly sha256: string
  readonly contentType: string
}

/** A file to be kept. */
export interface NewFile {
  readonly content: AsyncIterable<Uint8Array>
  /** What it was found to be; see `checkFileType`. */
  readonly contentType: string
  /** More than this is refused as TOO_LARGE, and nothing is kept. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

/** Bytes of a file, both ends included, counted from 0. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** A file with its content, or the part of it that was asked for. The body must be read or cancelled. */
export interface FileContent extends StoredFile {
  readonly range: ByteRange
  readonly body: ReadableStream<Uint8Array>
}

/** How a signed address gives a file. */
export interface SignOptions {
  /** How long the address is good, at the most a week. */
  readonly expiresInMs: number
  /** The name that a browser saves it under; left out: the key. */
  readonly filename?: string | undefined
  /** Whether a browser may show it in place; types that could run scripts are saved all the same. */
  readonly inline?: boolean | undefined
}

/** An address that gives a file to whoever has it. */
export interface SignedFile {
  /** Absolute, or relative to the server where no public address is configured. */
  readonly url: string
  readonly expiresAt: string
}

/** Keeps files under keys of its own making. */
export interface Files {
  /** Reads the content to its end and keeps it whole, or rejects and keeps nothing. */
  put(file: NewFile): Promise<StoredFile>
  /**
   * The file, or a part of it that ends with the file at the latest; null when there is none.
   * @throws {RangeError} when the part begins after the end.
   */
  get(key: string, range?: ByteRange): Promise<FileContent | null>
  head(key: string): Promise<StoredFile | null>
  /** Does nothing when there is none. */
  delete(key: string): Promise<void>
  /** The file is not looked up: an address of one that is not there answers 404. */
  sign(file: Pick<StoredFile, 'key' | 'contentType'>, options: SignOptions): Promise<SignedFile>
}

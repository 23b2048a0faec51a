// The first that fits counts: many browsers name others besides themselves.
const CLIENTS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/.*Safari\//, 'Safari'],
  [/^([A-Za-z][\w.-]{1,30})\//, '$1'],
]

const PLATFORMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\b(iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

const first = (rules: typeof CLIENTS, text: string): string | null => {
  for (const [pattern, name] of rules) {
    const found = pattern.exec(text)
    if (found) return name === '$1' ? (found[1] ?? null) : name
  }
  return null
}

/** How a person knows a device: such as `Firefox on Windows`, with the platform apart; made from what browsers send. */
export const deviceOf = (userAgent: string | null): { name: string; platform: string | null } => {
  const text = userAgent ?? ''
  const platform = first(PLATFORMS, text)
  const client = first(CLIENTS, text) ?? 'Unknown client'
  return { name: platform === null ? client : `${client} on ${platform}`, platform }
}

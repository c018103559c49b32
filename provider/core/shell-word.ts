/** Quotes a word so that any POSIX shell reads exactly this text. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

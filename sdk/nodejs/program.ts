/** Whether this process is a program that Pulumi's CLI runs, and not an inline program of the Automation API. */
export function isProgramOfCli(): boolean {
  return /[\\/]cmd[\\/]run/.test(require.main?.filename ?? "");
}

import { machineTime } from "../common/machine-time";

/** Above this share of stolen processor time a machine is too slow to judge whether something was in time. */
const LIMIT = 0.1;

/**
 * Starts to watch how much processor time the hypervisor takes from this machine. The returned function says whether it
 * was too much since then; false when the kernel does not report it.
 */
export function watchStarvation(): () => boolean {
  const begin = machineTime();
  return () => {
    const end = machineTime();
    const all = end.all - begin.all;
    return all > 0 && (end.stolen - begin.stolen) / all > LIMIT;
  };
}

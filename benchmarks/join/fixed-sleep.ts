import { isDone, SPEED, startPair } from "./one-join";

/** The vendor's script looks for the result so long after its request, once (SPS REST reference §5.9). */
const SLEEP_SECONDS = 30;

/** What a fixed sleep makes of a join that takes so many appliance seconds. */
export interface SleepRun {
  /** Whether it looked, and went on, before both sides were done. */
  isEarly: boolean;
  /** How long both sides had been done when it looked, in appliance seconds; 0 when it was early. */
  lateSeconds: number;
}

/** Sends the same request to a fresh pair, and sleeps as the script does. */
export async function runFixedSleep(joinSeconds: number): Promise<SleepRun> {
  const pair = await startPair(joinSeconds);
  try {
    await pair.beginJoin();
    const { clock } = pair.bench;
    const lookAt = clock.now().getTime() + SLEEP_SECONDS * 1000;
    let doneAt: number | undefined;
    while (clock.now().getTime() < lookAt) {
      if (doneAt === undefined && isDone(pair)) doneAt = clock.now().getTime();
      await clock.wait(SPEED / 1000);
    }
    if (doneAt === undefined) return { isEarly: true, lateSeconds: 0 };
    return { isEarly: false, lateSeconds: (lookAt - doneAt) / 1000 };
  } finally {
    await pair.stop();
  }
}

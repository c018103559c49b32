import { isDone, SPEED, startPair } from "./one-join";

/** The vendor's script checks the result once, this long after its request (SPS REST reference §5.9). */
const SLEEP_SECONDS = 30;

/** The result of a fixed sleep. */
export interface SleepRun {
  /** Whether the sleep ended before both sides were done. */
  isEarly: boolean;
  /** How long both sides had been done by then, in appliance seconds; 0 when it was early. */
  lateSeconds: number;
}

/** Sends the same join request to a new pair and sleeps as the script does. */
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

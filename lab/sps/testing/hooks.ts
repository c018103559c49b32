import { afterEach, beforeEach } from "mocha";
import { TestBench } from "./test-bench";

/** Creates a bench before each test of the suite, passes it to `setUp`, and stops it after the test. */
export function withTestBench(setUp: (bench: TestBench) => void | Promise<void>): void {
  let bench: TestBench;
  beforeEach(async () => {
    bench = await TestBench.create();
    await setUp(bench);
  });
  afterEach(() => bench.stop());
}

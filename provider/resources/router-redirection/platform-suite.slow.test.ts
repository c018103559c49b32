import { SLOW_CASES, UPDATE_KINDS } from "./platform-cases.test";
import { describePlatforms } from "./platform-runner.test";

describePlatforms(SLOW_CASES, UPDATE_KINDS);

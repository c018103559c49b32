/** A line for the user that does not end the operation. */
export interface Note {
  severity: "info" | "warning";
  text: string;
  /** `path`: a failed probe of the path from the router to SPS. Absent for anything else. */
  topic?: "path";
}

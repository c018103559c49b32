/** A line for the user that does not end the operation. */
export interface Note {
  severity: "info" | "warning";
  text: string;
  /**
   * `path`: a failed probe of the path from the router to SPS. `bypass`: traffic passes directly, or is dropped, because SPS is silent. Absent
   * for anything else.
   */
  topic?: "path" | "bypass";
}

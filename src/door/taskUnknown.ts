/** The record of a task went between its admission and its use: Redis was emptied, and finds it again in a moment. */
export class TaskUnknown extends Error {
  override readonly name = 'TaskUnknown'
}

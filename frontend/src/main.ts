// What the admin's pages do beyond HTML. Each part looks for its own elements: a page that has none is left alone.
import "./style.css";
import { drawDashboard } from "./charts/dashboard";
import { drawTimelines } from "./charts/timeline";
import { drawDiffs } from "./editor/diff";
import { startEditors } from "./editor/editor";
import { startTaskForm } from "./task_form";
import { startTrial } from "./trial";

function start(): void {
  startEditors();
  drawDiffs();
  startTaskForm();
  startTrial();
  drawDashboard();
  drawTimelines();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();

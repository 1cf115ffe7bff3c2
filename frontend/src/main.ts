// What the admin's pages do beyond HTML. Each part looks for its own elements: a page that has none is left alone.
import "./style.css";
import { drawDashboard } from "./charts/dashboard";
import { startEditors } from "./editor/editor";
import { startCopying } from "./copy";
import { startTaskForm } from "./task_form";
import { startTrial } from "./trial";

function start(): void {
  startEditors();
  startTaskForm();
  startTrial();
  drawDashboard();
  startCopying();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();

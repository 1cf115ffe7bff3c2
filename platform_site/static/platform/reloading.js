// Loads the page again while what it shows is under way, unless somebody is leaving it: the click would be lost.
{
  const soon = setTimeout(() => location.reload(), 2000);
  addEventListener("beforeunload", () => clearTimeout(soon));
}

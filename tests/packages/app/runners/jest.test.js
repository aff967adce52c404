import { SmartSynch } from "smartsynch";

test("both tiers answer", async () => {
  const synch = await SmartSynch.create();
  const { tier, suggestions } = await synch.predict({ title: "Fix login authentication bug" });
  expect([tier, suggestions[0].category]).toEqual(["full", "Development"]);
  expect(synch.predictInstant({ title: "Weekly team standup" }).category).toBe("Meeting");
  synch.dispose();
});

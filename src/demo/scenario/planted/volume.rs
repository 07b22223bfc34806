//! Takeovers that show in how much somebody does.

use anyhow::Result;

use crate::demo::act::Product;
use crate::demo::scenario::stage::Stage;

pub(super) fn artefacts(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(300, 60, 6), stage.review(3));
    let mut scene = stage
        .scene("ci-artifacts-build", day, "14:20")?
        .loudly_from("rented-server", "cli-linux")?
        .pace(8);
    let repositories = "payments-api|payments-worker|orders-api|notify-api|reporting-api|search-api|checkout|ledger-api|mobile-app";
    scene.does("sts:AssumeRoleWithWebIdentity")?;
    scene.does("ecr:GetAuthorizationToken")?;
    scene.repeats(n / 2, &format!("ecr:BatchGetImage {repositories}"))?;
    scene.repeats(n / 2, &format!("ecr:GetDownloadUrlForLayer {repositories}"))?;
    scene.repeats(n / 3, &format!("codecommit:GitPull {repositories}"))?;
    scene.repeats(
        n,
        "codeartifact:GetPackageVersionAsset corp/internal/{word}|corp/payments/{word}|corp/orders/{word}",
    )?;
    scene.repeats(
        n,
        "s3:GetObject payments-artifacts/builds/{n}/app.tar|orders-artifacts/builds/{n}/app.tar|mobile-builds/android/eu/{n}.apk",
    )
}

pub(super) fn above_contract(stage: &mut Stage<'_>) -> Result<()> {
    let n = stage.amount(350, 70, 20);
    for (day, clock) in [(3, "08:00"), (4, "07:30")] {
        let day = stage.review(day);
        let mut scene = stage.scene("vendor-cloudcost", day, clock)?.pace(60);
        scene.as_usual(2 * n, Product::Aws)?;
    }
    Ok(())
}

pub(super) fn bulk_secrets(stage: &mut Stage<'_>) -> Result<()> {
    let (n, day) = (stage.amount(260, 90, 22), stage.review(2));
    let mut scene = stage
        .scene("billing-worker", day, "15:10")?
        .loudly_from("rented-server", "go")?
        .pace(30);
    scene.does("vault:login")?;
    scene.does("vault:list secret/metadata/finance")?;
    scene.repeats(n, "vault:read secret/data/finance/prod/{word}|secret/data/finance/archive/{word}|secret/data/orders/prod/{word}|secret/data/payroll/{word}")
}

//! Buckets: their life, and what a wrong one answers.

use super::*;

#[tokio::test]
async fn life_of_a_bucket() {
    let lab = Lab::new();
    let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    lab.refused(put("/fresh"), 400, "IllegalLocationConstraintException")
        .await;
    let reply = lab.send(put("/fresh").body(here)).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (200, "/fresh"),
        "{}",
        reply.text()
    );
    lab.refused(put("/fresh").body(here), 409, "BucketAlreadyOwnedByYou")
        .await;

    let head = lab.send(head("/fresh")).await;
    assert_eq!(
        (head.status.as_u16(), head.header("x-amz-bucket-region")),
        (200, "eu-west-1")
    );
    let location = lab.send(get("/fresh?location=")).await;
    assert!(location.text().contains("eu-west-1"), "{}", location.text());
    assert_eq!(
        lab.send(get("/")).await.all("Name"),
        ["box", "fresh", "other"]
    );

    lab.send(put("/fresh/k").body("v")).await;
    lab.refused(delete("/fresh"), 409, "BucketNotEmpty").await;
    lab.send(delete("/fresh/k")).await;
    assert_eq!(lab.send(delete("/fresh")).await.status, 204);
    lab.refused(delete("/fresh"), 404, "NoSuchBucket").await;
    lab.refused(get("/fresh?location="), 404, "NoSuchBucket")
        .await;
}
